/* SPDX-License-Identifier: Apache-2.0 */
/* reports/page/timeline.js - what the timeline can do beyond being read. */
"use strict";
