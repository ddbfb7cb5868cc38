import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, ROOT } from '../../scripts/run.js';
import { openBrowser } from '../test/stage.js';
import { type Driven, DrivenPage, DrivenProgram } from './driven.js';

/** Puts an SDK into an empty folder, from its registry as the machine is set up for it. @returns what starts a program with it. */
export type Install = (folder: string, name: string, version: string) => Installed;

export interface Installed {
  /** The command of its driver, for the conformance suite too; absent when it runs in a browser. */
  readonly command?: string;
  launch(): Promise<Driven>;
}

const QUIET = ['--silent', '--no-audit', '--no-fund'];
/** How long a compiler may take on a busy machine, in milliseconds. */
const COMPILE = 1_800_000;

const program = (...words: readonly string[]): Installed => {
  const command = words.map((word) => (/^[\w./=:@-]+$/.test(word) ? word : `'${word}'`)).join(' ');
  return { command, launch: () => DrivenProgram.launch(command) };
};
const source = (path: string) => join(ROOT, path);

/** A package of this repository, as its sources are. */
export const ownPackage =
  (driver: string): Install =>
  () =>
    program(process.execPath, '--conditions=fbclient-source', '--import=tsx', source(driver));

/** A package for Node.js; its driver is copied beside it. @param others that it needs, as npm names them. */
export const npmProgram =
  (drivers: readonly string[], ...others: readonly string[]): Install =>
  (folder, name, version) => {
    npmInstall(folder, [`${name}@${version}`, ...others]);
    for (const driver of drivers) cpSync(source(driver), join(folder, fileOf(driver)));
    return program(process.execPath, join(folder, fileOf(drivers[0] ?? '')));
  };

/** A package for browsers; its driver is bundled with what is installed beside it. @param others that it needs. */
export const page =
  (drivers: readonly string[], ...others: readonly string[]): Install =>
  (folder, name, version) => {
    npmInstall(folder, [`${name}@${version}`, ...others]);
    for (const driver of drivers) cpSync(source(driver), join(folder, fileOf(driver)));
    const entry = join(folder, fileOf(drivers[0] ?? ''));
    return {
      async launch() {
        const browser = await openBrowser(entry);
        return new DrivenPage(await browser.newPage(), () => browser.close());
      },
    };
  };

/** A package for Python. @param driver with its arguments. @param options of pip. */
export const pipPackage =
  (driver: string, ...options: readonly string[]): Install =>
  (folder, name, version) => {
    mustRun('python3', ['-m', 'venv', 'python'], { folder });
    const python = join(folder, 'python/bin/python');
    const wanted = [...options, `${name}==${version}`];
    mustRun(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...wanted], { folder });
    const [file = '', ...args] = driver.split(' ');
    return program(python, source(file), ...args);
  };

/** A module for Go; its driver is compiled beside it. */
export const goModule =
  (driver: string): Install =>
  (folder, name, version) => {
    cpSync(source(driver), join(folder, 'main.go'));
    mustRun('go', ['mod', 'init', 'driver'], { folder });
    mustRun('go', ['get', `${name}@v${version}`], { folder });
    mustRun('go', ['mod', 'tidy'], { folder });
    mustRun('go', ['build', '-o', 'driver', '.'], { folder, timeout: COMPILE });
    return program(join(folder, 'driver'));
  };

/** An artifact for Java, named `group:artifact`; its driver is one file, which `java` compiles as it starts. */
export const mavenArtifact =
  (driver: string, ...others: readonly string[]): Install =>
  (folder, name, version) => {
    const dependencies = [`${name}:${version}`, ...others].map((text) => {
      const [group, artifact, number] = text.split(':');
      return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${number}</version></dependency>`;
    });
    const about =
      '<modelVersion>4.0.0</modelVersion><groupId>d</groupId><artifactId>d</artifactId><version>1</version>';
    const pom = `<project>${about}<dependencies>${dependencies.join('')}</dependencies></project>\n`;
    writeFileSync(join(folder, 'pom.xml'), pom);
    mustRun('mvn', ['-q', '-B', 'dependency:build-classpath', '-Dmdep.outputFile=classpath'], { folder });
    const classes = readFileSync(join(folder, 'classpath'), 'utf8').trim();
    return program('java', '-cp', classes, source(driver));
  };

/** A crate for Rust; its driver is compiled with it. @param others lines of `[dependencies]`. */
export const cargoCrate =
  (driver: string, ...others: readonly string[]): Install =>
  (folder, name, version) => {
    mkdirSync(join(folder, 'src'));
    cpSync(source(driver), join(folder, 'src/main.rs'));
    const dependencies = [`${name} = "=${version}"`, ...others].join('\n');
    const about = '[package]\nname = "driver"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]';
    writeFileSync(join(folder, 'Cargo.toml'), `${about}\n${dependencies}\n`);
    mustRun('cargo', ['build', '--quiet'], { folder, timeout: COMPILE });
    return program(join(process.env.CARGO_TARGET_DIR ?? join(folder, 'target'), 'debug/driver'));
  };

function npmInstall(folder: string, packages: readonly string[]): void {
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  mustRun('npm', ['install', ...QUIET, ...packages], { folder });
}

function fileOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
