import { DropdownItem } from '@patternfly/react-core';
import { EllipsisVIcon } from '@patternfly/react-icons';
import { Menu } from '../shell/menu.tsx';

type KebabProps = {
  /** What it holds actions for, for who cannot see where it stands. */
  readonly label: string;
  readonly actions: readonly { readonly title: string; readonly run: () => void }[];
};

/** The menu of three dots. */
export function Kebab({ label, actions }: KebabProps) {
  return (
    <Menu icon={<EllipsisVIcon />} label={label}>
      {actions.map(({ title, run }) => (
        <DropdownItem key={title} onClick={run}>
          {title}
        </DropdownItem>
      ))}
    </Menu>
  );
}
