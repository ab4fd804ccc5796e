import { render } from 'preact';
import '../../src/base/ui/tokens.css';
import '../../src/base/ui/base.css';
import '../../src/base/ui/report.css';
import './styles/shell.css';
import './styles/controls.css';
import './styles/list.css';
import './styles/pages.css';
import './styles/narrow.css';
import { App } from './app.tsx';
import { guardFocus } from './parts/page.tsx';
import { applyTheme } from './settings.ts';

applyTheme();
guardFocus();
render(<App />, document.getElementById('app') as HTMLElement);
