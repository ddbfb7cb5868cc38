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
    // The conditions are those of Jest's `node` environment: with those of a browser there is no WebSocket client in ws.
    project('jsdom', {
      testEnvironment: 'jsdom',
      testEnvironmentOptions: { customExportConditions: ['node', 'node-addons'] },
    }),
    project('jsdom-default', { testEnvironment: 'jsdom' }),
    project('timers', { fakeTimers: { enableGlobally: true } }),
    project('esm'),
  ],
};
