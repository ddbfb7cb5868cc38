/** A part of the program that is in CommonJS, as a dependency may be. */
exports.FBClient = require('fbclient').FBClient;
