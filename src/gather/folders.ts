import { folderOfImageId } from '../report/names.ts';

/**
 * Names the folders of a report's gathers: the image ID with everything but letters and digits made `-`, below the
 * node's name where a selector chose several nodes, as `oc adm must-gather` lays them out (reference §2.7). A folder
 * that another gather has gets `-2`, where oc lets the second overwrite the first.
 */
export function folderNames(
  topName: string,
  perNode: boolean,
  taken: ReadonlySet<string> = new Set(),
): (imageID: string, node: string) => string {
  const used = new Set(taken);
  return (imageID, node) => {
    const base = [topName, ...(perNode && node !== '' ? [folderOfImageId(node)] : []), folderOfImageId(imageID)].join(
      '/',
    );
    let folder = base;
    for (let number = 2; used.has(folder); number += 1) folder = `${base}-${number}`;
    used.add(folder);
    return folder;
  };
}
