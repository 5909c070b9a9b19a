// The mean over cohorts, weighted by their sizes; periods that are not over are left out. Pure.

interface CohortLike {
  customers: number;
  cells: { later: number; customers: number; complete: boolean }[];
}

export function meanRetention(cohorts: readonly CohortLike[], later: number): number | null {
  let all = 0;
  let back = 0;
  for (const cohort of cohorts) {
    const cell = cohort.cells.find((each) => each.later === later);
    if (!cell?.complete) continue;
    all += cohort.customers;
    back += cell.customers;
  }
  return all > 0 ? back / all : null;
}
