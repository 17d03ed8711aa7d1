/** What each of a bucket's documents must say to be taken. */
import { randomUUID } from "node:crypto";
import { AwsError } from "../error.ts";
import { childOf, listOf, textOf, type XmlElement } from "../protocol/rest-xml.ts";
import type { S3Context } from "./context.ts";
import { invalidArgument, invalidRequest, leftOut, malformedXml } from "./errors.ts";

const elementsOf = (document: XmlElement, name: string): XmlElement[] =>
  listOf(document[name]).map((element) => (typeof element === "string" ? {} : element));

const textsOf = (element: XmlElement, name: string): string[] =>
  listOf(element[name]).filter((text) => typeof text === "string");

const corsMethods = new Set(["GET", "PUT", "POST", "DELETE", "HEAD"]);

export function checkCors(document: XmlElement): XmlElement {
  const corsRules = elementsOf(document, "CORSRule");
  if (corsRules.length === 0 || corsRules.length > 100) throw malformedXml();
  for (const rule of corsRules) {
    const methods = textsOf(rule, "AllowedMethod");
    const origins = textsOf(rule, "AllowedOrigin");
    if (methods.length === 0 || origins.length === 0) throw malformedXml();
    for (const method of methods) {
      if (!corsMethods.has(method)) {
        throw invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
      }
    }
    for (const name of ["AllowedOrigin", "AllowedHeader"]) {
      for (const text of textsOf(rule, name)) {
        if (text.split("*").length > 2) {
          throw invalidRequest(`${name} "${text}" can not have more than one wildcard.`);
        }
      }
    }
    const age = textOf(rule, "MaxAgeSeconds");
    if (age !== undefined && !/^\d{1,9}$/.test(age)) throw malformedXml();
  }
  return document;
}

const lifecycleActions = [
  "Expiration",
  "Transition",
  "NoncurrentVersionExpiration",
  "NoncurrentVersionTransition",
  "AbortIncompleteMultipartUpload",
];

export function checkLifecycle(document: XmlElement): XmlElement {
  const lifecycleRules = elementsOf(document, "Rule");
  if (lifecycleRules.length === 0 || lifecycleRules.length > 1000) throw malformedXml();
  const ids = new Set<string>();
  const checked = lifecycleRules.map((rule) => {
    const status = textOf(rule, "Status");
    if (status !== "Enabled" && status !== "Disabled") throw malformedXml();
    if (rule.Filter === undefined && rule.Prefix === undefined) throw malformedXml();
    if (!lifecycleActions.some((action) => rule[action] !== undefined)) {
      throw invalidRequest("At least one action needs to be specified in a rule");
    }
    const days = textOf(childOf(rule, "Expiration"), "Days");
    if (days !== undefined && !(Number.isInteger(Number(days)) && Number(days) > 0)) {
      throw invalidArgument("'Days' for Expiration action must be a positive integer", "Days", days);
    }
    const id = textOf(rule, "ID") || randomUUID();
    if (id.length > 255) throw invalidArgument("ID length should not exceed allowed limit of 255", "ID", id);
    if (ids.has(id))
      throw invalidArgument("Rule ID must be unique. Found same ID for more than one rule", "ID", id);
    ids.add(id);
    return { ...rule, ID: id };
  });
  return { ...document, Rule: checked };
}

export function checkEncryption(document: XmlElement): XmlElement {
  const encryptionRules = elementsOf(document, "Rule");
  if (encryptionRules.length !== 1) throw malformedXml();
  for (const rule of encryptionRules) {
    const byDefault = childOf(rule, "ApplyServerSideEncryptionByDefault");
    const algorithm = textOf(byDefault, "SSEAlgorithm");
    if (byDefault === undefined) continue;
    if (algorithm === "aws:kms" || algorithm === "aws:kms:dsse") continue;
    if (algorithm !== "AES256") throw malformedXml();
    if (textOf(byDefault, "KMSMasterKeyID")) {
      throw invalidArgument("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms");
    }
  }
  return document;
}

export function checkWebsite(document: XmlElement): XmlElement {
  const redirect = childOf(document, "RedirectAllRequestsTo");
  const suffix = textOf(childOf(document, "IndexDocument"), "Suffix");
  if (redirect !== undefined) {
    if (!textOf(redirect, "HostName")) throw malformedXml();
    if (suffix !== undefined)
      throw invalidRequest(
        "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
      );
  } else if (!suffix || suffix.includes("/")) {
    throw invalidArgument("The IndexDocument Suffix is not well formed", "IndexDocument", suffix ?? "null");
  }
  return document;
}

const ownerships = new Set(["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"]);

export function checkOwnership(document: XmlElement): XmlElement {
  const [rule, ...others] = elementsOf(document, "Rule");
  if (rule === undefined || others.length > 0) throw malformedXml();
  if (!ownerships.has(textOf(rule, "ObjectOwnership") ?? "")) throw malformedXml();
  return document;
}

const publicAccessFlags = [
  "BlockPublicAcls",
  "IgnorePublicAcls",
  "BlockPublicPolicy",
  "RestrictPublicBuckets",
];

export function checkPublicAccessBlock(document: XmlElement): XmlElement {
  return Object.fromEntries(
    publicAccessFlags.map((flag) => {
      const value = textOf(document, flag)?.toLowerCase() ?? "false";
      if (value !== "true" && value !== "false") throw malformedXml();
      return [flag, value];
    }),
  );
}

export function checkLogging(document: XmlElement, s3: S3Context): XmlElement {
  const enabled = childOf(document, "LoggingEnabled");
  if (enabled === undefined) return {};
  if (s3.buckets.find(textOf(enabled, "TargetBucket") ?? "") === undefined) {
    throw new AwsError(
      "InvalidTargetBucketForLogging",
      "The target bucket for logging does not exist, is not owned by you, or does not have the appropriate grants for the log-delivery group.",
    );
  }
  throw leftOut("Server access logging");
}

export function checkAccelerate(document: XmlElement): XmlElement {
  const status = textOf(document, "Status");
  if (status !== "Enabled" && status !== "Suspended") throw malformedXml();
  return document;
}

export function checkRequestPayment(document: XmlElement): XmlElement {
  const payer = textOf(document, "Payer");
  if (payer === "Requester") throw leftOut("Requester pays");
  if (payer !== "BucketOwner") throw malformedXml();
  return document;
}
