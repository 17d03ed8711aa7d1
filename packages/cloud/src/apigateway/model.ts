/** What API Gateway keeps, parsed once at the edge and trusted within. */

export interface CorsConfiguration {
  readonly allowCredentials?: boolean;
  readonly allowHeaders?: readonly string[];
  readonly allowMethods?: readonly string[];
  readonly allowOrigins?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  readonly maxAge?: number;
}

export interface Api {
  readonly apiId: string;
  readonly name: string;
  readonly description?: string;
  readonly version?: string;
  readonly protocolType: "HTTP";
  readonly routeSelectionExpression: string;
  readonly apiKeySelectionExpression: string;
  readonly corsConfiguration?: CorsConfiguration;
  readonly disableExecuteApiEndpoint: boolean;
  readonly createdDate: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Route {
  readonly routeId: string;
  readonly routeKey: string;
  /** `integrations/ID` */
  readonly target?: string;
  readonly authorizationType: "NONE" | "JWT" | "CUSTOM" | "AWS_IAM";
  readonly authorizerId?: string;
  readonly authorizationScopes?: readonly string[];
  readonly apiKeyRequired: boolean;
  readonly operationName?: string;
}

export interface Integration {
  readonly integrationId: string;
  readonly integrationType: "AWS_PROXY" | "HTTP_PROXY";
  readonly integrationUri: string;
  readonly integrationMethod?: string;
  readonly connectionType: string;
  readonly credentialsArn?: string;
  readonly description?: string;
  readonly payloadFormatVersion: "1.0" | "2.0";
  readonly timeoutInMillis: number;
}

export interface Authorizer {
  readonly authorizerId: string;
  readonly name: string;
  readonly authorizerType: "JWT" | "REQUEST";
  readonly identitySource: readonly string[];
  readonly jwtConfiguration?: { readonly audience?: readonly string[]; readonly issuer?: string };
  readonly authorizerUri?: string;
  readonly authorizerCredentialsArn?: string;
  readonly authorizerPayloadFormatVersion?: "1.0" | "2.0";
  readonly authorizerResultTtlInSeconds?: number;
  readonly enableSimpleResponses?: boolean;
}

export interface Stage {
  readonly stageName: string;
  readonly autoDeploy: boolean;
  readonly deploymentId?: string;
  readonly description?: string;
  readonly stageVariables?: Readonly<Record<string, string>>;
  readonly accessLogSettings?: unknown;
  readonly defaultRouteSettings?: unknown;
  readonly routeSettings?: unknown;
  readonly createdDate: string;
  readonly lastUpdatedDate: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Deployment {
  readonly deploymentId: string;
  readonly createdDate: string;
  readonly deploymentStatus: "DEPLOYED";
  readonly description?: string;
  readonly autoDeployed: boolean;
  /** The API as it was then. */
  readonly snapshot: Configuration;
}

/** What requests are served by. */
export interface Configuration {
  readonly routes: readonly Route[];
  readonly integrations: readonly Integration[];
  readonly authorizers: readonly Authorizer[];
}

/** What an API is made of, by kind. */
export interface Parts {
  readonly api: Api;
  readonly route: Route;
  readonly integration: Integration;
  readonly authorizer: Authorizer;
  readonly stage: Stage;
  readonly deployment: Deployment;
}
