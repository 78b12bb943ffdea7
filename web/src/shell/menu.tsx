import { Dropdown, DropdownList, MenuToggle, type MenuToggleProps } from '@patternfly/react-core';
import { type ReactNode, useState } from 'react';

type MenuProps = Pick<MenuToggleProps, 'variant' | 'icon'> & {
  /** Its name, where what is pressed shows no words. */
  readonly label?: string;
  /** What is shown on what is pressed, where that is no icon. */
  readonly text?: ReactNode;
  /** DropdownItems. */
  readonly children: ReactNode;
};

/** A menu that opens below what is pressed, ends where that ends, takes the focus, and gives it back (ARIA, menu button). */
export function Menu({ variant = 'plain', icon, label, text, children }: MenuProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      onSelect={() => setIsOpen(false)}
      popperProps={{ position: 'end' }}
      shouldFocusFirstItemOnOpen
      shouldFocusToggleOnSelect
      toggle={(toggle) => (
        <MenuToggle
          ref={toggle}
          variant={variant}
          icon={icon}
          aria-label={label}
          isExpanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
        >
          {text}
        </MenuToggle>
      )}
    >
      <DropdownList>{children}</DropdownList>
    </Dropdown>
  );
}
