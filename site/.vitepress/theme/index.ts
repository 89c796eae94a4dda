import DefaultTheme from 'vitepress/theme-without-fonts'
import './style.css'

// The fonts of the system: the site brings none, and asks nobody for one.
export default DefaultTheme
