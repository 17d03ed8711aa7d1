/** Publishing and reading layers. */
import { type Call, type Operation, operation } from "../../service.ts";
import { invalid, notFound } from "../errors.ts";
import type { LayerStore, LayerVersion } from "../layers.ts";
import { layerArn } from "../names.ts";
import { page, type Room, timestamp } from "../room.ts";
import { integer, strings, text } from "../settings.ts";
import { type CodeInput, readCode } from "./functions.ts";

interface LayerInput {
  readonly LayerName?: unknown;
  readonly VersionNumber?: unknown;
  readonly Arn?: unknown;
  readonly Content?: CodeInput;
  readonly Description?: unknown;
  readonly LicenseInfo?: unknown;
  readonly CompatibleRuntimes?: unknown;
  readonly CompatibleArchitectures?: unknown;
  readonly CompatibleRuntime?: unknown;
  readonly Marker?: unknown;
  readonly MaxItems?: unknown;
}

const NAME = /^[a-zA-Z0-9-_]{1,140}$/;

export function layerOperations(room: Room, layers: LayerStore): Record<string, Operation> {
  const { hub } = room;

  function nameOf(input: LayerInput): string {
    const given = String(input.LayerName ?? "");
    const name = given.startsWith("arn:") ? (given.split(":")[6] ?? "") : given;
    if (!NAME.test(name)) throw invalid(`“${given}” is not a name for a layer.`);
    return name;
  }

  const versionArn = (input: LayerInput) => `${layerArn(hub, nameOf(input))}:${String(input.VersionNumber)}`;

  function require(input: LayerInput): LayerVersion {
    const number = integer("versionNumber", input.VersionNumber, 1, 2 ** 31);
    const found = layers.get(nameOf(input), number);
    if (!found) throw notFound("The resource you requested does not exist.");
    return found;
  }

  return {
    PublishLayerVersion: operation<LayerInput, object>({
      access: (input) => [{ action: "lambda:PublishLayerVersion", resource: layerArn(hub, nameOf(input)) }],
      async run(input, call) {
        const name = nameOf(input);
        const stored = await readCode(room, input.Content ?? {}, call);
        const version = layers.nextVersion(name);
        const layer: LayerVersion = {
          name,
          version,
          layerArn: layerArn(hub, name),
          arn: `${layerArn(hub, name)}:${version}`,
          description: input.Description === undefined ? "" : text("Description", input.Description, 256),
          license: input.LicenseInfo === undefined ? "" : text("LicenseInfo", input.LicenseInfo, 512),
          runtimes: strings("CompatibleRuntimes", input.CompatibleRuntimes),
          architectures: strings("CompatibleArchitectures", input.CompatibleArchitectures),
          codeHash: stored.hash,
          codeSize: stored.size,
          created: timestamp(),
        };
        layers.put(layer);
        return { $status: 201, ...describe(layer), Content: content(layer, call) };
      },
    }),

    GetLayerVersion: operation<LayerInput, object>({
      access: (input) => [{ action: "lambda:GetLayerVersion", resource: versionArn(input) }],
      run(input, call) {
        const layer = require(input);
        return { ...describe(layer), Content: content(layer, call) };
      },
    }),

    GetLayerVersionByArn: operation<LayerInput, object>({
      access: (input) => [{ action: "lambda:GetLayerVersion", resource: String(input.Arn ?? "*") }],
      run(input, call) {
        const arn = String(input.Arn);
        const layer = require({ LayerName: arn, VersionNumber: arn.split(":")[7] ?? "" });
        return { ...describe(layer), Content: content(layer, call) };
      },
    }),

    DeleteLayerVersion: operation<LayerInput, object>({
      access: (input) => [{ action: "lambda:DeleteLayerVersion", resource: versionArn(input) }],
      run(input) {
        layers.remove(nameOf(input), integer("versionNumber", input.VersionNumber, 1, 2 ** 31));
        return { $status: 204 };
      },
    }),

    ListLayerVersions: operation<LayerInput, object>({
      access: () => [{ action: "lambda:ListLayerVersions", resource: "*" }],
      run(input) {
        const { items, next } = page(layers.versions(nameOf(input)).filter(fits(input)), input);
        return { LayerVersions: items.map(describe), ...(next ? { NextMarker: next } : {}) };
      },
    }),

    ListLayers: operation<LayerInput, object>({
      access: () => [{ action: "lambda:ListLayers", resource: "*" }],
      run(input) {
        const { items, next } = page(layers.newest().filter(fits(input)), input);
        return {
          Layers: items.map((layer) => ({
            LayerName: layer.name,
            LayerArn: layer.layerArn,
            LatestMatchingVersion: describe(layer),
          })),
          ...(next ? { NextMarker: next } : {}),
        };
      },
    }),
  };
}

function fits(input: LayerInput): (layer: LayerVersion) => boolean {
  const runtime = input.CompatibleRuntime;
  return ({ runtimes }) => runtime === undefined || runtimes.includes(String(runtime));
}

function describe(layer: LayerVersion): object {
  return {
    LayerArn: layer.layerArn,
    LayerVersionArn: layer.arn,
    Version: layer.version,
    Description: layer.description,
    CreatedDate: layer.created,
    ...(layer.license ? { LicenseInfo: layer.license } : {}),
    ...(layer.runtimes.length > 0 ? { CompatibleRuntimes: layer.runtimes } : {}),
    ...(layer.architectures.length > 0 ? { CompatibleArchitectures: layer.architectures } : {}),
  };
}

function content(layer: LayerVersion, call: Call): object {
  return {
    Location: `${call.endpoint}/_code/${layer.codeHash}`,
    CodeSha256: Buffer.from(layer.codeHash, "hex").toString("base64"),
    CodeSize: layer.codeSize,
  };
}
