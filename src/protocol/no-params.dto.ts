// The params of a method that takes none: any member is refused.
export class NoParams {}
