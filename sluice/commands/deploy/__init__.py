"""Write what other places need to run the jobs: Kubernetes, AWS Managed Service for Apache Flink."""
