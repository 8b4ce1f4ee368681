// From a DTO class to the JSON Schema of its params. Nested classes are written into the schema where they stand, so that
// it can be shown and embedded anywhere; only a class that contains itself becomes a `$defs`.
import { getMetadataStorage, IS_OPTIONAL, ValidationTypes } from 'class-validator';
import { validationMetadataArrayToSchemas } from 'class-validator-jsonschema';
import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';

import { aliasesOf } from '../extension/alias.decorator.js';
import type { DtoClass } from '../extension/tool.decorator.js';
import { joinSchemas } from './join-schemas.js';
import type { JsonSchema } from './json-schema.js';
import { nestedClassOf, isDiscriminated } from './nested-class.js';
import { ruleSchema } from './rule-schema.js';

export interface DtoSchema {
  readonly schema: JsonSchema;
  /** Whether the schema says all that the class does; else class-validator has to look as well. */
  readonly isExact: boolean;
}

/** @throws Error where the class cannot describe params: told at start, with the class and member named */
export function dtoSchema(dto: DtoClass): DtoSchema {
  return new DtoSchemaBuilder(dto).build();
}

/** Our one rule for class-validator-jsonschema: keywords that are settled already. */
const SETTLED = 'mcpw:settled';
type OpenApiSchema = ReturnType<typeof validationMetadataArrayToSchemas>[string];
const constraintAsSchema = (rule: ValidationMetadata): OpenApiSchema => rule.constraints[0] as OpenApiSchema;

class DtoSchemaBuilder {
  private isExact = true;
  private readonly open: DtoClass[] = [];
  private readonly recursive = new Map<DtoClass, string>();
  private readonly definitions: Record<string, JsonSchema> = {};

  constructor(private readonly root: DtoClass) {}

  build(): DtoSchema {
    const schema = this.classSchema(this.root);
    const hasDefinitions = Object.keys(this.definitions).length > 0;
    return { schema: hasDefinitions ? { ...schema, $defs: this.definitions } : schema, isExact: this.isExact };
  }

  private classSchema(dto: DtoClass): JsonSchema {
    if (this.open.includes(dto)) return { $ref: this.referenceTo(dto) };
    this.open.push(dto);
    if (dto !== this.root && aliasesOf(dto).size > 0)
      throw new Error(`${dto.name}: @Alias works on members of params, not of classes nested in them`);
    const members = new Map<string, ValidationMetadata[]>();
    for (const rule of getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false)) {
      members.set(rule.propertyName, [...(members.get(rule.propertyName) ?? []), rule]);
    }
    const settled = [...members].flatMap(([name, own]) => this.memberRules(dto, name, own));
    const [described] = Object.values(
      validationMetadataArrayToSchemas(settled, { additionalConverters: { [SETTLED]: constraintAsSchema } }),
    );
    const schema = { type: 'object', properties: {}, additionalProperties: false, ...described };
    this.open.pop();
    const name = this.recursive.get(dto);
    if (name !== undefined && dto !== this.root) {
      this.definitions[name] = schema;
      return { $ref: `#/$defs/${name}` };
    }
    return schema;
  }

  private referenceTo(dto: DtoClass): string {
    if (dto === this.root) return '#';
    let name = this.recursive.get(dto);
    if (name === undefined) {
      const taken = new Set(this.recursive.values());
      name = dto.name;
      for (let i = 2; taken.has(name); i++) name = `${dto.name}${i}`;
      this.recursive.set(dto, name);
    }
    return `#/$defs/${name}`;
  }

  /** A member's rules as one settled rule, and, where it may be left out, the rule that says so. */
  private memberRules(dto: DtoClass, name: string, rules: readonly ValidationMetadata[]): ValidationMetadata[] {
    if (name in Object.prototype) throw new Error(`${dto.name}.${name}: every object has a member of this name; choose another`);
    const conditions = rules.filter((rule) => rule.type === ValidationTypes.CONDITIONAL_VALIDATION);
    const isConditional = conditions.some((rule) => rule.name !== IS_OPTIONAL);
    const known = isConditional
      ? {}
      : this.memberSchema(
          dto,
          rules.filter((rule) => !conditions.includes(rule)),
        );
    if (isConditional) this.isExact = false;
    const settled = { ...(rules[0] as ValidationMetadata), target: dto, type: SETTLED, each: false, constraints: [known ?? {}] };
    const mayBeAbsent = conditions.length > 0 || known === undefined;
    return mayBeAbsent ? [settled, { ...settled, type: ValidationTypes.CONDITIONAL_VALIDATION }] : [settled];
  }

  /** Undefined where none of the rules can be said by a schema, so that they alone decide, of an absent member too. */
  private memberSchema(dto: DtoClass, rules: readonly ValidationMetadata[]): JsonSchema | undefined {
    const own: JsonSchema[] = [];
    const ofItems: JsonSchema[] = [];
    for (const rule of rules) {
      if (
        rule.constraintCls &&
        getMetadataStorage()
          .getTargetValidatorConstraints(rule.constraintCls)
          .some(({ async }) => async)
      ) {
        throw new Error(`${dto.name}.${rule.propertyName}: asynchronous validators are not supported; look such things up in the service`);
      }
      const schema = rule.type === ValidationTypes.NESTED_VALIDATION ? this.nestedSchema(dto, rule) : ruleSchema(rule);
      if (schema === undefined) this.isExact = false;
      else if (rule.type !== ValidationTypes.NESTED_VALIDATION && rule.each) ofItems.push(schema);
      else own.push(schema);
    }
    if (ofItems.length > 0) own.push({ type: 'array', items: joinSchemas(ofItems) });
    const isAllowed = rules.every((rule) => rule.type === ValidationTypes.WHITELIST);
    return own.length === 0 || isAllowed ? undefined : joinSchemas(own);
  }

  private nestedSchema(dto: DtoClass, rule: ValidationMetadata): JsonSchema {
    const { nested, isArray } = nestedClassOf(dto, rule.propertyName);
    if (isDiscriminated(dto, rule.propertyName)) this.isExact = false;
    const schema = isDiscriminated(dto, rule.propertyName) ? { type: 'object' } : this.classSchema(nested);
    return rule.each || isArray ? { type: 'array', items: schema } : schema;
  }
}
