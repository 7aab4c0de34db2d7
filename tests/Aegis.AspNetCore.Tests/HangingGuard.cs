namespace Aegis.AspNetCore.Tests;

/// <summary>A guard that never answers.</summary>
internal sealed class HangingGuard : IGuard<UserInput>
{
    private readonly TaskCompletionSource<Verdict> _never = new();

    public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) => new(_never.Task);
}
