/** What IAM takes in names of roles and policies. */
export const iamNames = { forbidden: /[^A-Za-z0-9+=,.@_-]/g };
