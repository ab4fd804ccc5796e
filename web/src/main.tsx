import { render } from 'preact';
import '../../src/base/ui/tokens.css';
import '../../src/base/ui/base.css';
import '../../src/base/ui/report.css';
import './styles/app.css';
import { App } from './app.tsx';

const saved = localStorage.getItem('theme');
if (saved === 'light' || saved === 'dark') document.documentElement.dataset['theme'] = saved;

render(<App />, document.getElementById('app') as HTMLElement);
