// antd's table as we use it: no pages unless asked for, wide ones scroll within themselves, and what scrolls can be reached by
// the keyboard.

import { Table, type TableProps } from 'antd';
import { useEffect, useRef } from 'react';

export function DataTable<T extends object>(props: TableProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const scroller = box.current?.querySelector<HTMLElement>('.ant-table-content, .ant-table-body');
    if (!scroller) return;
    const watch = new ResizeObserver(() => {
      if (scroller.scrollWidth > scroller.clientWidth) scroller.tabIndex = 0;
      else scroller.removeAttribute('tabindex');
    });
    watch.observe(scroller);
    return () => watch.disconnect();
  }, []);
  return (
    <div ref={box} className="data-table">
      <Table pagination={false} scroll={{ x: 'max-content' }} {...props} />
    </div>
  );
}
