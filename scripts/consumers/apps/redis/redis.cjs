const { kept } = require('./kept.cjs');

kept(require('fbclient'), require('fbclient/redis')).then((result) => {
  // Of `require` alone there is one copy.
  console.log(JSON.stringify({ ...result, oneCopy: true }));
});
