namespace Aegis.Core.Tests.Guarding;

internal sealed class SeamGuard<T>(Func<T, GuardContext, CancellationToken, ValueTask<Verdict>> inspect) : IGuard<T>
    where T : Subject
{
    public SeamGuard(Finding finding)
        : this((_, _, _) => new(Verdict.Of(finding)))
    {
    }

    public ValueTask<Verdict> InspectAsync(T subject, GuardContext context, CancellationToken cancellationToken) => inspect(subject, context, cancellationToken);
}
