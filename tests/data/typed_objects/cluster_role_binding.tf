resource "kubernetes_cluster_role_binding_v1" "admins" {
  metadata {
    name = "admins"
    labels = {
      "azure.workload.identity/use" = "true" # expect: SOV403
    }
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "admin"
  }
  subject {
    kind      = "Group"
    name      = "admins"
    api_group = "rbac.authorization.k8s.io"
  }
}
