require('./tests.cjs').offlineTests();
