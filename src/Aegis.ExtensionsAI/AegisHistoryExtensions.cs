using Aegis.ExtensionsAI;
using Microsoft.Extensions.AI;

namespace Aegis;

/// <summary>What a host does with signed conversations itself. Requests are verified and responses signed without it: see <see cref="Policies.IntegrityPolicy"/>.</summary>
public static class AegisHistoryExtensions
{
    /// <summary>
    /// Vouches for a conversation in the session of the surrounding <see cref="AegisScope"/>: examples that the host has written itself, a history that it has
    /// shortened or had kept before histories were signed. Whatever stands in it counts from now on as said; verify first what comes from a client.
    /// </summary>
    /// <param name="guard">The guard.</param>
    /// <param name="messages">The conversation. The signature hangs on its last message.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>When it is signed and the session knows it.</returns>
    /// <exception cref="AegisException">The policy has no keys, or all have expired; or a message has a content that cannot be written down.</exception>
    public static ValueTask SignHistoryAsync(this AegisGuard guard, IList<ChatMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(guard);
        ArgumentNullException.ThrowIfNull(messages);
        return new HistorySeam(guard).VouchAsync(messages, cancellationToken);
    }

    /// <summary>Verifies a conversation as a request would, without asking a model and without an event.</summary>
    /// <param name="guard">The guard.</param>
    /// <param name="messages">The conversation, as the client sent it.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Nothing when it was said so; else a finding of <c>integrity/…</c> that blocks.</returns>
    /// <exception cref="AegisException">The policy has no keys.</exception>
    public static ValueTask<Verdict> VerifyHistoryAsync(this AegisGuard guard, IEnumerable<ChatMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(guard);
        ArgumentNullException.ThrowIfNull(messages);
        return new HistorySeam(guard).ReadAsync(messages, cancellationToken);
    }
}
