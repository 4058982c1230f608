resource "kubernetes_storage_class_v1" "fast" {
  metadata {
    name = "fast"
  }
  storage_provisioner = "ebs.csi.aws.com" # expect: SOV403
  parameters = {
    type  = "gp3"
    zones = "us-east-1a" # expect: SOV108
  }
  allowed_topologies {
    match_label_expressions {
      key = "topology.ebs.csi.aws.com/zone"
      values = [
        "us-east-1a", # expect: SOV108
        "eu-west-1a",
      ]
    }
  }
}
