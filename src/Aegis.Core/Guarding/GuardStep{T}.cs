namespace Aegis.Guarding;

/// <inheritdoc/>
internal sealed class GuardStep<T>(IGuard<T> guard, bool isForeign = false, bool isCustom = false) : GuardStep(guard, isForeign, isCustom)
    where T : Subject
{
    public override GuardStep With(IClassifierGuard other) => new GuardStep<T>((IGuard<T>)other, IsForeign, IsCustom);

    public override ValueTask<Verdict> InspectAsync(Subject subject, GuardContext context, CancellationToken cancellationToken) =>
        guard.InspectAsync((T)subject, context, cancellationToken);
}
