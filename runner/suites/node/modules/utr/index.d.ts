/** The tests of this file, or of the describe that it is called in, owe proof from these services; none: from all. */
export function requireDockerServices(...services: string[]): void;
