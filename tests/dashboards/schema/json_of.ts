import type { AnnotationQuery, Dashboard, DataQuery } from '@grafana/schema';

// What JSON a value of a type may be: Grafana's enums are their plain values there.
export type JsonOf<T> = T extends string
  ? string extends T ? string : `${T}`
  : T extends (infer Item)[] ? JsonOf<Item>[]
  : T extends object ? { [Key in keyof T]: JsonOf<T[Key]> }
  : T;

interface PrometheusQuery extends DataQuery {
  expr: string;
  interval: string;
}

// What Grafana's Prometheus data source reads of an annotation (annotations.mjs of its package).
interface PrometheusAnnotation extends AnnotationQuery<PrometheusQuery> {
  expr: string;
  step: string;
  tagKeys: string;
  textFormat: string;
  titleFormat: string;
  useValueForTime: boolean;
}

// A dashboard whose annotations ask Prometheus: Grafana's own type knows no data source's fields.
export type Board = Omit<Dashboard, 'annotations'> & {
  annotations: { list: PrometheusAnnotation[] };
};
