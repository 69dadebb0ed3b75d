import { requirePrograms, type ServiceName, serviceLibraries } from '../availability.ts';
import { mavenLibraries } from './maven-libraries.ts';

/** Gets what the service needs from Maven Central, so that its start does not wait for it. */
export async function downloadLibraries(service: ServiceName): Promise<void> {
  requirePrograms(service);
  const libraries = serviceLibraries(service);
  if (libraries !== undefined) await mavenLibraries(libraries);
}
