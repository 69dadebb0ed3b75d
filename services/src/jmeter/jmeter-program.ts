import type { MavenServer } from '../download/maven-libraries.ts';

const version = '5.6.3';
const parts = [
  ...['', '_core', '_components', '_config', '_functions', '_http'].map(
    (part) => `ApacheJMeter${part}`,
  ),
];

/** What sends HTTP by plans that run scripts; the other protocols of JMeter are left out. */
export const jmeterProgram: MavenServer = {
  name: 'jmeter',
  version,
  artifacts: parts.map((part) => `org.apache.jmeter:${part}:${version}`),
  unpacked: { artifact: 'ApacheJMeter_config', files: ['bin/*.properties', 'bin/log4j2.xml'] },
};
