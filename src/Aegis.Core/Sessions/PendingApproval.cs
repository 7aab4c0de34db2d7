using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Aegis;

/// <summary>A question that the app was handed: what exactly was asked, by which policy, until when an answer counts.</summary>
/// <param name="RequestId">Names the question; cannot be guessed.</param>
/// <param name="Binding">Everything that an answer must be about: see <see cref="ApprovalBinding"/>.</param>
/// <param name="Policy">The version of the policy that asked.</param>
/// <param name="Expires">From then on no answer counts.</param>
internal sealed record PendingApproval(string RequestId, ImmutableArray<byte> Binding, string Policy, DateTimeOffset Expires)
{
    /// <summary>Whether an answer names this question. Takes as long whatever the answer is.</summary>
    public bool IsNamed(string requestId) => CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(RequestId.AsSpan()), MemoryMarshal.AsBytes(requestId.AsSpan()));

    /// <summary>Whether something is what was asked.</summary>
    public bool IsAbout(ReadOnlySpan<byte> binding) => CryptographicOperations.FixedTimeEquals(Binding.AsSpan(), binding);
}
