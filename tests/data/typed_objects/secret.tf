resource "kubernetes_secret_v1" "keys" {
  metadata {
    name = "keys"
  }
  data = {
    SENTRY_DSN = "https://topsecret@o1.ingest.sentry.io/1" # expect: SOV604
    AWS_REGION = "us-east-1" # expect: SOV107
  }
}
