const { offlineTests, onlineTests } = require('./tests.cjs');

offlineTests();
onlineTests();
