const { run } = require('./sdk-3.cjs');

run(require('fbclient'), require('fbclient-otel')).then((result) => {
  // Of `require` alone there is one copy.
  console.log(JSON.stringify({ ...result, oneCopy: true }));
});
