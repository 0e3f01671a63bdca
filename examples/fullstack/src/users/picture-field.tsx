import { ImageUp, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { sentenceOf } from "@/api/failure";
import { Button } from "@/components/ui/button";
import { Field, FieldDescription, FieldError } from "@/components/ui/field";
import { Progress } from "@/components/ui/progress";
import { isDesktop, NEEDS_DESKTOP } from "@/desktop/native";
import { type User, useChangePicture, useRemovePicture } from "@/users/queries";
import { UserPicture } from "@/users/user-picture";

/** Changes the picture of a user at once, whether the rest of the form is saved or not. */
export function PictureField({ user }: { user: User }) {
  const id = useId();
  const [shown, setShown] = useState(user);
  const [sent, setSent] = useState(0);
  const change = useChangePicture(user, setSent);
  const remove = useRemovePicture(user);
  const error = change.error ?? remove.error;
  const choose = () => {
    setSent(0);
    remove.reset();
    change.mutate(undefined, { onSuccess: (changed) => changed && setShown(changed) });
  };
  const takeAway = () => {
    change.reset();
    remove.mutate(undefined, { onSuccess: setShown });
  };
  const native = isDesktop();
  return (
    <Field>
      <div className="flex items-center gap-3">
        <UserPicture user={shown} className="size-12 text-base" />
        <Button
          variant="outline"
          size="sm"
          disabled={!native || change.isPending}
          aria-describedby={`${id}-hint`}
          onClick={choose}
        >
          <ImageUp aria-hidden="true" /> Choose picture
        </Button>
        {shown.picture !== null && (
          <Button variant="ghost" size="sm" disabled={remove.isPending} onClick={takeAway}>
            <Trash2 aria-hidden="true" /> Remove picture
          </Button>
        )}
      </div>
      {change.isPending && sent > 0 && (
        <Progress aria-label="Sending the picture" value={Math.round(sent * 100)} />
      )}
      {error ? (
        <FieldError id={`${id}-hint`}>{sentenceOf(error)}</FieldError>
      ) : (
        <FieldDescription id={`${id}-hint`}>
          {native ? "PNG, JPEG, GIF or WebP, of at most 5 MB" : NEEDS_DESKTOP}
        </FieldDescription>
      )}
    </Field>
  );
}
