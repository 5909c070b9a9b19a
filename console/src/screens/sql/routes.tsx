export const sqlRoutes = [] as const;
