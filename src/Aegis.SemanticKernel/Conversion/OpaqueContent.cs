using Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>A content of a kernel that no guard can read: on the way in the policy's word on unknown contents applies, on the way out it passes.</summary>
/// <param name="content">A <c>KernelContent</c> or <c>StreamingKernelContent</c>.</param>
internal sealed class OpaqueContent(object content) : AIContent
{
    public object Content => content;
}
