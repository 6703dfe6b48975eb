import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type App,
  CloudFormationValidatePlugin,
  type IPolicyValidationPlugin,
  type PolicyValidationStack,
} from "aws-cdk-lib/core";

/** What a template declares, as far as it is read here. */
interface Template {
  readonly Resources?: Readonly<Record<string, { readonly Type: string }>>;
}

/**
 * The CDK's template validator, made ready ahead of time. It sets up its rules for the types of resources that it meets, which takes
 * half a second, and keeps them for as long as no other type comes: so it is shown templates of the last synthesis while esbuild is
 * still at work. Without any, or with a type that they lack, it sets itself up later, as it would alone.
 *
 * @param outdir where the last synthesis may have left its templates
 */
export function readyValidator(app: App, outdir: string): IPolicyValidationPlugin {
  const validator = new CloudFormationValidatePlugin();
  const stackTemplates = oneOfEachType(outdir);
  const templatePaths = stackTemplates.map(({ templatePath }) => templatePath);
  if (stackTemplates.length > 0) validator.validate({ stackTemplates, templatePaths, appConstruct: app });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the CDK declares its own class as if undefined were no value
  return validator as IPolicyValidationPlugin;
}

/** Templates in a folder, as few as show each type of resource that is there. */
function oneOfEachType(folder: string): PolicyValidationStack[] {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".template.json")) : [];
  const seen = new Set<string>();
  return files.flatMap((file) => {
    const templatePath = join(folder, file);
    const types = typesIn(templatePath);
    if (types.every((type) => seen.has(type))) return [];
    for (const type of types) seen.add(type);
    return [{ stackConstructPath: file, templatePath, accountId: undefined, region: undefined }];
  });
}

/** None, where a synthesis that was interrupted left half a template. */
function typesIn(path: string): string[] {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the CDK wrote it
    const { Resources = {} } = JSON.parse(readFileSync(path, "utf8")) as Template;
    return Object.values(Resources).map(({ Type }) => Type);
  } catch {
    return [];
  }
}
