// onnx-run.js MODULES DIR: runs every model that DIR/cases.json names in ONNX Runtime, one line each:
// NAME<TAB>"ok" or what is wrong. Inputs are read from, outputs written to, files of float32 in DIR.
const fs = require('fs');
const path = require('path');
const [modules, dir] = process.argv.slice(2);
const ort = require(path.resolve(modules, 'onnxruntime-node'));

const floats = (bytes) => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

async function run(test) {
  const session = await ort.InferenceSession.create(path.join(dir, `${test.name}.onnx`),
    { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const names = (list) => list.map((port) => port.name).sort().join();
  if ([...session.inputNames].sort().join() !== names(test.inputs))
    return `inputs are ${session.inputNames}`;
  if ([...session.outputNames].sort().join() !== names(test.outputs))
    return `outputs are ${session.outputNames}`;
  const feeds = {};
  for (const port of test.inputs)
    feeds[port.name] = new ort.Tensor('float32', floats(fs.readFileSync(path.join(dir, port.file))), port.dims);
  const results = await session.run(feeds);
  for (const port of test.outputs) {
    const result = results[port.name];
    if (result.dims.join() !== port.dims.join())
      return `${port.name} is ${result.dims}, expected ${port.dims}`;
    fs.writeFileSync(path.join(dir, port.file), Buffer.from(result.data.buffer, result.data.byteOffset, result.data.byteLength));
  }
  return 'ok';
}

(async () => {
  for (const test of JSON.parse(fs.readFileSync(path.join(dir, 'cases.json'), 'utf8'))) {
    let result;
    try { result = await run(test); } catch (error) { result = String(error).split(/\s+/).join(' '); }
    console.log(`${test.name}\t${result}`);
  }
})();
