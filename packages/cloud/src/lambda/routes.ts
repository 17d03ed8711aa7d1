/** Where the Lambda API's operations are on the wire. */
import type { Route } from "../protocol/rest-json.ts";

const FUNCTION = "/2015-03-31/functions/{FunctionName}";
const URL = "/2021-10-31/functions/{FunctionName}";
const EVENT_INVOKE = "/2019-09-25/functions/{FunctionName}/event-invoke-config";
const MAPPINGS = "/2015-03-31/event-source-mappings";
const LAYERS = "/2018-10-31/layers";
const LAYER_VERSION = `${LAYERS}/{LayerName}/versions/{VersionNumber}`;
const PROVISIONED = "/2019-09-30/functions/{FunctionName}/provisioned-concurrency";
const RUNTIME = "/2021-07-20/functions/{FunctionName}/runtime-management-config";
const RECURSION = "/2024-08-31/functions/{FunctionName}/recursion-config";

export const routes: readonly Route[] = [
  { method: "POST", pattern: "/2015-03-31/functions", operation: "CreateFunction" },
  { method: "GET", pattern: "/2015-03-31/functions", operation: "ListFunctions" },
  { method: "GET", pattern: FUNCTION, operation: "GetFunction" },
  { method: "DELETE", pattern: FUNCTION, operation: "DeleteFunction" },
  { method: "GET", pattern: `${FUNCTION}/configuration`, operation: "GetFunctionConfiguration" },
  { method: "PUT", pattern: `${FUNCTION}/configuration`, operation: "UpdateFunctionConfiguration" },
  { method: "PUT", pattern: `${FUNCTION}/code`, operation: "UpdateFunctionCode" },
  {
    method: "GET",
    pattern: "/2020-06-30/functions/{FunctionName}/code-signing-config",
    operation: "GetFunctionCodeSigningConfig",
  },

  { method: "POST", pattern: `${FUNCTION}/invocations`, operation: "Invoke", rawBody: true },
  {
    method: "POST",
    pattern: "/2014-11-13/functions/{FunctionName}/invoke-async",
    operation: "InvokeAsync",
    rawBody: true,
  },
  {
    method: "POST",
    pattern: "/2021-11-15/functions/{FunctionName}/response-streaming-invocations",
    operation: "InvokeWithResponseStream",
    rawBody: true,
  },

  { method: "POST", pattern: `${FUNCTION}/versions`, operation: "PublishVersion" },
  { method: "GET", pattern: `${FUNCTION}/versions`, operation: "ListVersionsByFunction" },
  { method: "POST", pattern: `${FUNCTION}/aliases`, operation: "CreateAlias" },
  { method: "GET", pattern: `${FUNCTION}/aliases`, operation: "ListAliases" },
  { method: "GET", pattern: `${FUNCTION}/aliases/{Name}`, operation: "GetAlias" },
  { method: "PUT", pattern: `${FUNCTION}/aliases/{Name}`, operation: "UpdateAlias" },
  { method: "DELETE", pattern: `${FUNCTION}/aliases/{Name}`, operation: "DeleteAlias" },

  { method: "POST", pattern: `${FUNCTION}/policy`, operation: "AddPermission" },
  { method: "GET", pattern: `${FUNCTION}/policy`, operation: "GetPolicy" },
  { method: "DELETE", pattern: `${FUNCTION}/policy/{StatementId}`, operation: "RemovePermission" },

  { method: "POST", pattern: `${URL}/url`, operation: "CreateFunctionUrlConfig" },
  { method: "GET", pattern: `${URL}/url`, operation: "GetFunctionUrlConfig" },
  { method: "PUT", pattern: `${URL}/url`, operation: "UpdateFunctionUrlConfig" },
  { method: "DELETE", pattern: `${URL}/url`, operation: "DeleteFunctionUrlConfig" },
  { method: "GET", pattern: `${URL}/urls`, operation: "ListFunctionUrlConfigs" },

  { method: "POST", pattern: "/2017-03-31/tags/{Resource}", operation: "TagResource" },
  { method: "DELETE", pattern: "/2017-03-31/tags/{Resource}", operation: "UntagResource" },
  { method: "GET", pattern: "/2017-03-31/tags/{Resource}", operation: "ListTags" },

  {
    method: "PUT",
    pattern: "/2017-10-31/functions/{FunctionName}/concurrency",
    operation: "PutFunctionConcurrency",
  },
  {
    method: "GET",
    pattern: "/2019-09-30/functions/{FunctionName}/concurrency",
    operation: "GetFunctionConcurrency",
  },
  {
    method: "DELETE",
    pattern: "/2017-10-31/functions/{FunctionName}/concurrency",
    operation: "DeleteFunctionConcurrency",
  },
  { method: "GET", pattern: "/2016-08-19/account-settings", operation: "GetAccountSettings" },

  { method: "PUT", pattern: EVENT_INVOKE, operation: "PutFunctionEventInvokeConfig" },
  { method: "POST", pattern: EVENT_INVOKE, operation: "UpdateFunctionEventInvokeConfig" },
  { method: "GET", pattern: EVENT_INVOKE, operation: "GetFunctionEventInvokeConfig" },
  { method: "DELETE", pattern: EVENT_INVOKE, operation: "DeleteFunctionEventInvokeConfig" },
  { method: "GET", pattern: `${EVENT_INVOKE}/list`, operation: "ListFunctionEventInvokeConfigs" },

  { method: "POST", pattern: MAPPINGS, operation: "CreateEventSourceMapping" },
  { method: "GET", pattern: MAPPINGS, operation: "ListEventSourceMappings" },
  { method: "GET", pattern: `${MAPPINGS}/{UUID}`, operation: "GetEventSourceMapping" },
  { method: "PUT", pattern: `${MAPPINGS}/{UUID}`, operation: "UpdateEventSourceMapping" },
  { method: "DELETE", pattern: `${MAPPINGS}/{UUID}`, operation: "DeleteEventSourceMapping" },

  { method: "POST", pattern: `${LAYERS}/{LayerName}/versions`, operation: "PublishLayerVersion" },
  { method: "GET", pattern: `${LAYERS}/{LayerName}/versions`, operation: "ListLayerVersions" },
  { method: "GET", pattern: LAYER_VERSION, operation: "GetLayerVersion" },
  {
    method: "DELETE",
    pattern: LAYER_VERSION,
    operation: "DeleteLayerVersion",
  },
  { method: "GET", pattern: LAYERS, operation: "ListLayers" },
  { method: "GET", pattern: LAYERS, operation: "GetLayerVersionByArn", when: { find: "LayerVersion" } },

  { method: "GET", pattern: PROVISIONED, operation: "GetProvisionedConcurrencyConfig" },
  {
    method: "GET",
    pattern: PROVISIONED,
    operation: "ListProvisionedConcurrencyConfigs",
    when: { List: "ALL" },
  },
  { method: "GET", pattern: RUNTIME, operation: "GetRuntimeManagementConfig" },
  { method: "GET", pattern: RECURSION, operation: "GetFunctionRecursionConfig" },

  // Known by name only, so that what answers is that they are not there.
  { method: "PUT", pattern: PROVISIONED, operation: "PutProvisionedConcurrencyConfig" },
  { method: "DELETE", pattern: PROVISIONED, operation: "DeleteProvisionedConcurrencyConfig" },
  { method: "PUT", pattern: RUNTIME, operation: "PutRuntimeManagementConfig" },
  { method: "PUT", pattern: RECURSION, operation: "PutFunctionRecursionConfig" },
  {
    method: "PUT",
    pattern: "/2020-06-30/functions/{FunctionName}/code-signing-config",
    operation: "PutFunctionCodeSigningConfig",
  },
  { method: "POST", pattern: `${LAYER_VERSION}/policy`, operation: "AddLayerVersionPermission" },
  { method: "GET", pattern: `${LAYER_VERSION}/policy`, operation: "GetLayerVersionPolicy" },
  {
    method: "DELETE",
    pattern: `${LAYER_VERSION}/policy/{StatementId}`,
    operation: "RemoveLayerVersionPermission",
  },
];
