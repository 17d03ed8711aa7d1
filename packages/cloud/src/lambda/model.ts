/** What the Lambda service keeps: parsed once at the edge, trusted within. */

/** One version of a function; `$LATEST` is the one that changes. */
export interface FunctionVersion {
  readonly name: string;
  readonly version: string;
  /** Without a qualifier. */
  readonly arn: string;
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  /** Seconds. */
  readonly timeout: number;
  /** MiB. */
  readonly memorySize: number;
  readonly environment: Readonly<Record<string, string>>;
  /** ARNs of layer versions. */
  readonly layers: readonly string[];
  /** SHA-256 of the package, hex: also the name of the folder it is unpacked in. */
  readonly codeHash: string;
  readonly codeSize: number;
  readonly lastModified: string;
  readonly revisionId: string;
  readonly architectures: readonly string[];
  readonly ephemeralStorage: number;
  readonly tracing: string;
  readonly deadLetterArn?: string;
  readonly logging: LoggingSettings;
}

export interface LoggingSettings {
  readonly format: "Text" | "JSON";
  readonly group: string;
  /** Of what the function logs; only with JSON. */
  readonly applicationLevel?: LogLevel;
  /** Of what Lambda itself logs: START, REPORT and the like; only with JSON. */
  readonly systemLevel?: LogLevel;
}

export type LogLevel = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL";

/** What a change replaces; the store gives the rest. */
export type FunctionSettings = Omit<
  FunctionVersion,
  "name" | "version" | "arn" | "lastModified" | "revisionId"
>;

export interface UrlCors {
  readonly AllowCredentials?: boolean;
  readonly AllowHeaders?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowOrigins?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  readonly MaxAge?: number;
}

export interface FunctionUrl {
  readonly id: string;
  readonly functionName: string;
  /** An alias, or undefined for `$LATEST`. */
  readonly qualifier: string | undefined;
  readonly authType: "NONE" | "AWS_IAM";
  readonly invokeMode: "BUFFERED" | "RESPONSE_STREAM";
  readonly cors: UrlCors | undefined;
  readonly created: string;
  readonly modified: string;
}

export interface Alias {
  readonly functionName: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly revisionId: string;
  readonly weights?: Readonly<Record<string, number>>;
}

export interface EventInvokeConfig {
  readonly functionName: string;
  readonly qualifier: string;
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeInSeconds?: number;
  readonly onSuccess?: string;
  readonly onFailure?: string;
  readonly modified: number;
}
