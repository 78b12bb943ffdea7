import { Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import { EllipsisVIcon } from '@patternfly/react-icons';
import { useState } from 'react';

type KebabProps = {
  /** What it holds actions for, for who cannot see where it stands. */
  readonly label: string;
  readonly actions: readonly { readonly title: string; readonly run: () => void }[];
};

/** The menu of three dots. */
export function Kebab({ label, actions }: KebabProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      onSelect={() => setIsOpen(false)}
      popperProps={{ position: 'end' }}
      shouldFocusToggleOnSelect
      toggle={(toggle) => (
        <MenuToggle
          ref={toggle}
          variant="plain"
          aria-label={label}
          isExpanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
          icon={<EllipsisVIcon />}
        />
      )}
    >
      <DropdownList>
        {actions.map(({ title, run }) => (
          <DropdownItem key={title} onClick={run}>
            {title}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}
