/** Where the local cloud and moto differ, and which of the two AWS agrees with. */

/** Members that AWS and the local cloud answer everywhere and moto nowhere, or only here and there. */
export const membersMotoLacks: readonly string[] = [
  "AccessPointAlias",
  "BucketArn",
  "BucketRegion",
  "ChecksumAlgorithm",
  "ChecksumType",
  "Marker",
  "ServerSideEncryption",
];

const partChecksums = "AWS tells the checksums of parts; moto forgets them.";
const emptyPrefix = "AWS answers an empty Prefix element; moto leaves it out.";
const nextMarker = "AWS answers NextMarker only with a delimiter, and as a key; moto answers a token.";

/** Per call. AWS agrees with the local cloud in all of them. */
export const knownDifferences: Readonly<Record<string, string>> = {
  "create one with a wrong name": "AWS refuses capitals and underscores.",
  "range lines=1-2": "AWS ignores a range whose unit is not bytes.",
  "head If-None-Match *": "AWS answers 304 when the object is there.",
  "put a wrong MD5": "AWS compares Content-MD5.",
  "put a wrong CRC32": "AWS compares checksums.",
  "list v1: two keys": nextMarker,
  "list v1: two with a delimiter": `${nextMarker} Common prefixes count as keys, which moto does not see.`,
  "list v1: no keys": emptyPrefix,
  "list v1: all": emptyPrefix,
  "list v1: a delimiter": emptyPrefix,
  "list v1: another delimiter": emptyPrefix,
  "list v1: keys encoded": emptyPrefix,
  "list v1: behind a marker": emptyPrefix,
  "list v2: keys encoded": "Of some characters it does not matter to clients whether they are encoded.",
  "list v2: next page": "AWS repeats the ContinuationToken of the request.",
  "put tags twice the same": "AWS refuses a key that is given twice.",
  "upload part 0": "AWS takes part numbers from 1.",
  "list parts": partChecksums,
  "list one part": partChecksums,
  "list uploads": emptyPrefix,
  "list no uploads": emptyPrefix,
  "complete in the wrong order": "AWS answers InvalidPartOrder.",
  complete: "AWS answers no version where there is no versioning.",
  "get its second part": "AWS answers the part.",
  "complete once more": "AWS answers no version where there is no versioning.",
  "get the null version": "AWS names the version null.",
  "get a marker": "AWS answers MethodNotAllowed.",
  "delete the marker": "AWS says that it was a marker.",
  "put the null version anew": "AWS names the version null.",
  "list versions once suspended": "moto loses a version that AWS keeps.",
  "put lifecycle": "AWS answers the smallest size that is moved.",
  encryption: "AWS encrypts every bucket since 2023.",
  "request payment": "AWS answers who pays.",
  "delete many quietly": "AWS is quiet about what was deleted.",
};
