// The jobs of the sidecar, as a page with React shows them. It is bundled, for React has no modules of its own.
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { cancelJob, getJob, submitJob } from "../../../guest-js/dist-js/jobs/index.js";
import { JobProgress, useJobs } from "../../../guest-js/dist-js/react/index.js";

function Work() {
  const { jobs } = useJobs({ limit: 5 });
  return jobs?.map((job) =>
    createElement(JobProgress, { key: job.id, job, onCancel: ({ id }) => cancelJob(id) }),
  );
}

createRoot(document.querySelector("main")).render(createElement(Work));
Object.assign(window, { cancelJob, getJob, submitJob });
