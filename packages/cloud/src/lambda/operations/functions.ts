/** Creating, reading, changing and deleting functions. */
import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { AwsError } from "../../error.ts";
import { type AccessRequest, type Call, type Operation, operation } from "../../service.ts";
import type { StoredCode } from "../code.ts";
import { describeFunction } from "../describe.ts";
import { conflict, functionNotFound, invalid } from "../errors.ts";
import { checkLayers } from "../layers.ts";
import type { FunctionVersion } from "../model.ts";
import { functionArn } from "../names.ts";
import {
  checkRevision,
  type FunctionInput,
  onFunction,
  onUnqualified,
  page,
  type Room,
  referenceOf,
  requireFunction,
  resolveVersion,
  saveLatest,
  timestamp,
} from "../room.ts";
import {
  applyConfiguration,
  type ConfigurationInput,
  checkComplete,
  defaultSettings,
  strings,
  tagMap,
} from "../settings.ts";
import { LATEST } from "../store.ts";
import { publish } from "./versions.ts";

export interface CodeInput {
  readonly ZipFile?: unknown;
  readonly S3Bucket?: unknown;
  readonly S3Key?: unknown;
  readonly S3ObjectVersion?: unknown;
  readonly ImageUri?: unknown;
}

interface CreateInput extends FunctionInput, ConfigurationInput {
  readonly Code?: CodeInput;
  readonly Publish?: boolean;
  readonly Tags?: unknown;
  readonly Architectures?: unknown;
  readonly PackageType?: unknown;
}

interface UpdateCodeInput extends FunctionInput, CodeInput {
  readonly Publish?: boolean;
  readonly DryRun?: boolean;
  readonly Architectures?: unknown;
}

const ZIP_LIMIT = 52_428_800;

export function functionOperations(room: Room): Record<string, Operation> {
  const { hub, store } = room;
  return {
    CreateFunction: operation<CreateInput, object>({
      access: (input) => [...onUnqualified(hub, "CreateFunction")(input), ...passRole(input.Role)],
      async run(input, call) {
        const { name } = referenceOf(input);
        if (input.PackageType === "Image" || input.Code?.ImageUri) {
          throw invalid(
            "The local cloud runs functions from zip packages; container images are not supported.",
          );
        }
        const settings = applyConfiguration(defaultSettings(name), input);
        checkLayers(room.layers, settings.layers);
        checkComplete(settings);
        checkRole(room, settings.role, name);
        const tags = tagMap(input.Tags);
        const code = await readCode(room, input.Code ?? {}, call);
        if (store.version(name, LATEST)) throw conflict(`Function already exist: ${name}`);
        const created: FunctionVersion = {
          ...settings,
          name,
          version: LATEST,
          arn: functionArn(hub, { name, qualifier: undefined }),
          codeHash: code.hash,
          codeSize: code.size,
          architectures: architectures(input.Architectures),
          lastModified: timestamp(),
          revisionId: randomUUID(),
        };
        store.putVersion(created);
        store.putTags(name, tags);
        const answer = input.Publish ? publish(room, created, "") : created;
        return { $status: 201, ...describeFunction(answer) };
      },
    }),

    GetFunction: operation<FunctionInput, object>({
      access: onFunction(hub, "GetFunction"),
      run(input, call) {
        const reference = referenceOf(input);
        const found = resolveVersion(room, reference);
        const { tags, reserved } = store.extras(found.name);
        return {
          Configuration: describeFunction(found, reference.qualifier !== undefined),
          Code: { RepositoryType: "S3", Location: `${call.endpoint}/_code/${found.codeHash}` },
          ...(Object.keys(tags).length > 0 ? { Tags: tags } : {}),
          ...(reserved === undefined ? {} : { Concurrency: { ReservedConcurrentExecutions: reserved } }),
        };
      },
    }),

    GetFunctionConfiguration: operation<FunctionInput, object>({
      access: onFunction(hub, "GetFunctionConfiguration"),
      run(input) {
        const reference = referenceOf(input);
        return describeFunction(resolveVersion(room, reference), reference.qualifier !== undefined);
      },
    }),

    UpdateFunctionCode: operation<UpdateCodeInput, object>({
      access: onUnqualified(hub, "UpdateFunctionCode"),
      async run(input, call) {
        const before = requireFunction(room, referenceOf(input));
        checkRevision(input.RevisionId, before.revisionId);
        const code = await readCode(room, input, call);
        // Read again: another update may have come between.
        const current = requireFunction(room, referenceOf(input));
        checkRevision(input.RevisionId, current.revisionId);
        const changed = {
          ...current,
          codeHash: code.hash,
          codeSize: code.size,
          ...(input.Architectures === undefined ? {} : { architectures: architectures(input.Architectures) }),
        };
        if (input.DryRun) return describeFunction(changed);
        const saved = saveLatest(room, changed);
        return describeFunction(input.Publish ? publish(room, saved, "") : saved);
      },
    }),

    UpdateFunctionConfiguration: operation<FunctionInput & ConfigurationInput, object>({
      access: (input) => [
        ...onUnqualified(hub, "UpdateFunctionConfiguration")(input),
        ...(input.Role === undefined ? [] : passRole(input.Role)),
      ],
      run(input) {
        const current = requireFunction(room, referenceOf(input));
        checkRevision(input.RevisionId, current.revisionId);
        const changed = applyConfiguration(current, input);
        if (input.Layers !== undefined) checkLayers(room.layers, changed.layers);
        checkComplete(changed);
        if (changed.role !== current.role) checkRole(room, changed.role, current.name);
        return describeFunction(saveLatest(room, changed));
      },
    }),

    DeleteFunction: operation<FunctionInput, object>({
      access: onFunction(hub, "DeleteFunction"),
      async run(input) {
        const reference = referenceOf(input);
        requireFunction(room, reference);
        if (reference.qualifier === undefined) {
          store.removeFunction(reference.name);
          await room.pool.remove(reference.name);
          return { $status: 204 };
        }
        if (reference.qualifier === LATEST)
          throw invalid("$LATEST version cannot be deleted without deleting the function.");
        const user = store.aliases(reference.name).find(({ version }) => version === reference.qualifier);
        if (user) {
          throw conflict(
            `Version (${reference.qualifier}) has one or more aliases pointing to it: ${user.name}`,
          );
        }
        if (store.removeVersion(reference.name, reference.qualifier) === 0) {
          throw functionNotFound(functionArn(hub, reference));
        }
        room.pool.retire(reference.name, reference.qualifier);
        return { $status: 204 };
      },
    }),

    ListFunctions: operation<{ Marker?: unknown; MaxItems?: unknown; FunctionVersion?: unknown }, object>({
      access: () => [{ action: "lambda:ListFunctions", resource: "*" }],
      run(input) {
        const list = input.FunctionVersion === "ALL" ? store.allVersions() : store.functions();
        const { items, next } = page(list, input);
        return {
          Functions: items.map((one) => describeFunction(one)),
          ...(next ? { NextMarker: next } : {}),
        };
      },
    }),

    GetFunctionCodeSigningConfig: operation<FunctionInput, object>({
      access: onUnqualified(hub, "GetFunctionCodeSigningConfig"),
      run: (input) => ({ FunctionName: requireFunction(room, referenceOf(input)).name }),
    }),
  };
}

function passRole(role: unknown): AccessRequest[] {
  return [
    {
      action: "iam:PassRole",
      resource: String(role ?? "*"),
      context: { "iam:PassedToService": "lambda.amazonaws.com" },
    },
  ];
}

function checkRole(room: Room, role: string, functionName: string): void {
  try {
    room.hub.assumeRole(role, functionName, "lambda.amazonaws.com");
  } catch {
    throw invalid("The role defined for the function cannot be assumed by Lambda.");
  }
}

function architectures(value: unknown): string[] {
  const list = strings("Architectures", value);
  return list.length > 0 ? list : ["x86_64"];
}

/** Takes a package as clients give it: in the request, or in S3. */
export async function readCode(room: Room, input: CodeInput, call: Call): Promise<StoredCode> {
  if (input.ZipFile !== undefined) {
    const zip =
      input.ZipFile instanceof Uint8Array ? input.ZipFile : Buffer.from(String(input.ZipFile), "base64");
    if (zip.length > ZIP_LIMIT) {
      throw invalid(`Zipped size must be smaller than ${ZIP_LIMIT} bytes; put larger packages in S3.`);
    }
    return room.code.put(zip);
  }
  if (input.S3Bucket === undefined || input.S3Key === undefined) {
    throw invalid("Please provide a source for function code: ZipFile, or S3Bucket and S3Key.");
  }
  return room.code.put(await readObject(room, input, call));
}

/** Lambda reads a package in S3 with its caller's permissions. */
async function readObject(room: Room, input: CodeInput, call: Call): Promise<Uint8Array> {
  const query = new URLSearchParams();
  if (input.S3ObjectVersion !== undefined) query.set("versionId", String(input.S3ObjectVersion));
  try {
    const object = (await room.hub.call({
      service: "s3",
      operation: "GetObject",
      input: { bucket: String(input.S3Bucket), key: String(input.S3Key), query, headers: {} },
      as: call.principal,
    })) as { readonly body: string | Uint8Array | Readable };
    return await bytesOf(object.body);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalid(
      `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`,
    );
  }
}

async function bytesOf(body: string | Uint8Array | Readable): Promise<Uint8Array> {
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
