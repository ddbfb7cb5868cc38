const project = (displayName, options = {}) => ({
  displayName,
  rootDir: __dirname,
  testMatch: [`<rootDir>/${displayName}.test.*js`],
  transform: {},
  ...options,
});

module.exports = {
  projects: [
    project('node'),
    project('jsdom', { testEnvironment: 'jsdom' }),
    project('timers', { fakeTimers: { enableGlobally: true } }),
    project('esm'),
  ],
};
