/** Starts one peer on a free loopback port and prints it: `node serve.mjs fauxqs | dynalite`. */
const [, , name] = process.argv;

if (name === "fauxqs") {
  const { buildApp } = await import("fauxqs");
  const app = buildApp({ logger: false });
  await app.listen({ port: 0, host: "127.0.0.1" });
  console.log(app.server.address().port);
} else if (name === "dynalite") {
  const { default: dynalite } = await import("dynalite");
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
} else {
  console.error(`There is no peer "${name}".`);
  process.exitCode = 2;
}
