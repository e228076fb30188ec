// asl-validator as a server. A definition a line on standard input, in JSON; what is wrong with it, a JSON string a line,
// on standard output: empty when nothing is.
// usage: node asl_validator.js PACKAGE     its directory
"use strict";
const path = require("path");
const directory = path.resolve(process.argv[2]);

// It compiles its schemas anew for each definition, which takes most of a second. One instance does for all.
const ajv = require(require.resolve("ajv", { paths: [directory] }));
const Ajv = ajv.default;
let instance;
ajv.default = function (options) {
    if (!instance) {
        instance = new Ajv(options);
        const add = instance.addKeyword.bind(instance);
        const known = (keyword) => instance.getKeyword([].concat(keyword.keyword ?? keyword)[0]);
        instance.addKeyword = (keyword) => (known(keyword) ? instance : add(keyword));
    }
    return instance;
};

const validator = require(directory);
const validate = validator.default ?? validator;
require("readline")
    .createInterface({ input: process.stdin, crlfDelay: Infinity })
    .on("line", (line) => {
        const found = validate(JSON.parse(line), { checkArn: true, checkPaths: true });
        console.log(JSON.stringify(found.isValid ? "" : found.errorsText()));
    });
