require('./tests.cjs').tests();
