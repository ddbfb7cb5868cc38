const { scene } = require('./scene-openfeature.cjs');

const parts = ['@openfeature/server-sdk', 'fbclient', 'fbclient-openfeature'].map((name) => require(name));
scene(...parts).then((result) => {
  // Of `require` alone there is one copy.
  console.log(JSON.stringify({ ...result, oneCopy: true }));
});
